//! Every error in words for people; the only place that words failures.
