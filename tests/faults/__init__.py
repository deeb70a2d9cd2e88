"""The service under faults: killed, cut off from power, on a full disk, fed with poison."""
