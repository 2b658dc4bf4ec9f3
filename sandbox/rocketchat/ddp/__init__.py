"""The realtime interface: DDP over a websocket."""
