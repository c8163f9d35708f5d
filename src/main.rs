//! Mounts the application with the response that the first script captured.

#[cfg(target_arch = "wasm32")]
fn main() {
    use cc_connect::{browser, ui};

    console_error_panic_hook::set_once();
    // Taken before anything else runs, so that nothing can find it again.
    let arrival = browser::first_script::take_response();
    wasm_bindgen_futures::spawn_local(async move {
        ui::mount(ui::start::prepare(arrival).await);
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eprintln!("This is a browser application. Run it with `cargo xtask dev`.");
    std::process::ExitCode::FAILURE
}
