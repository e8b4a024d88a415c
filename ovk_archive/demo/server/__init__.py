"""The toy instance on a real socket."""
