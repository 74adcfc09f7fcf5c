//! The requirements on a hub, one file each, and the registry that lists them.
