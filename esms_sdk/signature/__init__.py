"""CMS signatures over a manifest: made, attached, verified.

Bytes in, values out: nothing here opens a file.  The one exception to purity is :func:`moment.now`, which reads the
clock when a person signs and gives no date.
"""
