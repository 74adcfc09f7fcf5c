//! JSON Schema to valid instances and to instances that break exactly one keyword.
