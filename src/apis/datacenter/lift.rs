//! What Data Center says, as facts of the model.
