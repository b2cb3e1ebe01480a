//! How fast it is: steps of the published sizes with random weights.
