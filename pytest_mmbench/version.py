"""The version, where neither the plugin nor the build has to load anything to read it."""

VERSION = "0.1.0"
