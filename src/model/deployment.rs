//! The two products.

use super::typed;
use super::words::words;

words! {
    /// Which product.
    Deployment {
        /// Confluence Cloud.
        Cloud = "cloud",
        /// Confluence Data Center or Server.
        DataCenter = "datacenter",
    }
}

typed!(Deployment: "Deployment");
