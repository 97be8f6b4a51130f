"""Pictures: decoding, pixels, PNG files, thumbnails; everything that opens a picture."""
