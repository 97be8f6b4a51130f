"""Pictures: how bytes become pixels, and pixels bytes; everything that opens a picture."""
