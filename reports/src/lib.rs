//! Run record and events to terminal text, JSON and JUnit.
