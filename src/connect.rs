//! Makes the Connect page's button work before the application has loaded: see
//! `browser::first_page`. It is a separate WebAssembly module, less than a quarter of the
//! application's size.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm_bindgen_futures::spawn_local(cc_connect_app::browser::first_page::run());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eprintln!("This is a part of a browser application. Run it with `cargo xtask dev`.");
    std::process::ExitCode::FAILURE
}
