//! What holds of any bytes that are taken for a request. The fuzz target looks for bytes of which it does not; the tests
//! replay what it found on the way.
//!
//! The fuzz target includes this file, so that it names nothing but what the crate has at its root.

use crate::Request;

/// Whatever is read becomes documents that are acceptable, or is rejected.
pub(crate) fn request(bytes: &[u8]) {
    for request in [Request::from_protobuf(bytes), Request::from_json(bytes)].into_iter().flatten() {
        for mapped in request.documents() {
            match mapped {
                Ok(mapped) => {
                    assert!(!mapped.documents.is_empty());
                    for text in &mapped.documents {
                        let checked = model::document::check(text);
                        assert!(checked.is_ok(), "{text}: {:?}", checked.err());
                    }
                }
                Err(rejected) => assert!(!rejected.reason.is_empty()),
            }
        }
    }
}
