//! The versions that Trunk.toml asks for. They stand there because Trunk itself checks them; reading
//! them keeps them in one place.

/// The value of `key = "value"`, wherever in the file the line stands.
pub(crate) fn value(trunk_toml: &str, key: &str) -> Option<String> {
    trunk_toml.lines().find_map(|line| {
        let (found, value) = line.split_once('=')?;
        if found.trim() != key {
            return None;
        }
        let value = value.trim().strip_prefix('"')?;
        Some(value.split_once('"')?.0.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::value;
    use crate::version::Version;

    #[test]
    fn reads_a_quoted_value() {
        let text = "# a = \"0\"\n[tools]\na.b = 1\nwasm_opt = \"version_132\" # comment\n";
        assert_eq!(value(text, "wasm_opt").as_deref(), Some("version_132"));
        assert_eq!(value(text, "a"), None);
        assert_eq!(value(text, "a.b"), None);
    }

    #[test]
    fn our_own_file_has_what_set_up_asks_for() {
        let trunk_toml = include_str!("../../Trunk.toml");
        let trunk = value(trunk_toml, "trunk-version").expect("it names Trunk's version");
        assert!(Version::parse(&trunk).is_some());
        let wasm_opt = value(trunk_toml, "wasm_opt").expect("it names wasm-opt's version");
        let release = wasm_opt.strip_prefix("version_").expect("its usual form");
        assert!(release.parse::<u64>().is_ok());
    }
}
