"""Where a vendor's rows come from: each kind of source gives the engine the same relation of texts."""
