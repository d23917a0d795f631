//! Which firmware exists and where its bytes are.
