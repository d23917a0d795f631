//! What a bug report needs, with serials masked.
