//! A job as data, made and refused before anything is opened.
