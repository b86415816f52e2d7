"""The private extension module. Use `confluence_access` instead."""
