//! Requests to our server, whole or as they come, and stopped when nobody waits any more.
//!
//! This uses the browser's fetch directly: three calls, where a client library would add its own types and bytes.

use futures::Stream;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestInit, Response};

/// Stops the request when it is dropped, so that the server stops working for it; unless all of it has come.
struct Stop(Option<AbortController>);

impl Stop {
    /// There is nothing left to stop.
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// An answer whose body has not come yet.
pub(crate) struct Answer {
    response: Response,
    stop: Stop,
}

/// Sends a request with an `Accept` header, and with a JSON body if there is one. `Err` when the server cannot be reached.
pub(crate) async fn send(method: &str, address: &str, accept: &str, body: Option<&str>) -> Result<Answer, ()> {
    let window = web_sys::window().ok_or(())?;
    let controller = AbortController::new().map_err(drop)?;
    let (init, headers) = (RequestInit::new(), Headers::new().map_err(drop)?);
    headers.set("accept", accept).map_err(drop)?;
    init.set_signal(Some(&controller.signal()));
    init.set_method(method);
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
        headers.set("content-type", "application/json").map_err(drop)?;
    }
    init.set_headers(&headers);
    let stop = Stop(Some(controller));
    let response = JsFuture::from(window.fetch_with_str_and_init(address, &init)).await.map_err(drop)?;
    Ok(Answer { response: response.dyn_into().map_err(drop)?, stop })
}

impl Answer {
    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.response.status()
    }

    /// The whole body. `Err` when the connection broke.
    pub(crate) async fn bytes(self) -> Result<Vec<u8>, ()> {
        let buffer = JsFuture::from(self.response.array_buffer().map_err(drop)?).await.map_err(drop)?;
        self.stop.done();
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    /// The body as it comes. An `Err` item when the connection broke.
    pub(crate) fn chunks(self) -> impl Stream<Item = Result<Vec<u8>, ()>> {
        let reader =
            self.response.body().and_then(|body| body.get_reader().dyn_into::<ReadableStreamDefaultReader>().ok());
        futures::stream::unfold((reader, self.stop), |(reader, stop)| async move {
            let reader = reader?;
            match JsFuture::from(reader.read()).await {
                Ok(part) => {
                    if Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                        stop.done();
                        return None;
                    }
                    let bytes = Reflect::get(&part, &"value".into()).map(|value| Uint8Array::new(&value).to_vec());
                    Some((bytes.map_err(drop), (Some(reader), stop)))
                }
                Err(_) => Some((Err(()), (None, stop))),
            }
        })
    }
}
