//! Measures the latency of a hub's answers under a steady load, closed loop or open, and checks each answer as a run does.
