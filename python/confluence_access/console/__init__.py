"""The commands of `confluence-access`, by what they are for."""
