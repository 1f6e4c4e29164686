"""What goes over the network, only when a command asks for it by name."""
