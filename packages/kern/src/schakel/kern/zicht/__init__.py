"""What shows how a service is doing: log, measurements, traces, tasks that never die unseen."""
