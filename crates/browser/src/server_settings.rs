//! The settings of an application whose server keeps the connection.

use crate::Settings;

impl Settings {
    /// The settings of an application that `cc-connect-server` serves: the server makes the
    /// connection, keeps the tokens and passes requests on to the API. Of the other settings only
    /// [`base_path`](Self::base_path), [`application`](Self::application) and
    /// [`clock`](Self::clock) apply; the registration is the server's.
    ///
    /// ```
    /// use cc_connect::Settings;
    ///
    /// let settings = Settings::server().base_path("/app/");
    /// ```
    pub fn server() -> Self {
        #[cfg_attr(not(target_arch = "wasm32"), allow(unused_mut))]
        let mut settings = Self::new("");
        #[cfg(target_arch = "wasm32")]
        {
            settings.server = Some(crate::runtime::server::start);
        }
        settings
    }
}
