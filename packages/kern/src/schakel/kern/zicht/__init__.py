"""What shows how a service is doing: log lines, measurements, traces, and tasks that never die unseen."""
