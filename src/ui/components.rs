//! Components that several pages share.

pub mod alert;
pub mod checks;
pub mod copy_button;
pub mod countdown;
pub mod footer;
pub mod header;
pub mod icon;
pub mod moment;
pub mod notices;
pub mod skeleton;
