//! Records as columns: one declaration feeds the Arrow schema, the rows and the documentation.
