//! Discovers a hub, plans, executes and judges; gives the run record.
