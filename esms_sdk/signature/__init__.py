"""CMS signatures over a manifest: made, attached, verified."""
