//! Mounts the application. An authorization response has been taken off the address bar by the
//! document's first script.

#[cfg(target_arch = "wasm32")]
fn main() {
    use cc_connect_app::ui;

    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        ui::mount(ui::start::prepare().await);
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eprintln!("This is a browser application. Run it with `cargo xtask dev`.");
    std::process::ExitCode::FAILURE
}
