//! The Connect page's button, alive before the application is there: see
//! `browser::first_page`. It is a WebAssembly module of its own, less than a quarter of the application's size.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm_bindgen_futures::spawn_local(cc_connect::browser::first_page::run());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eprintln!("This is a part of a browser application. Run it with `cargo xtask dev`.");
    std::process::ExitCode::FAILURE
}
