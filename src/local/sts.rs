//! The one operation of STS that clients of this service need: who am I?
//!
//! STS speaks the query protocol: a form goes in, XML comes out.

use super::registry::Caller;

/// Answers a form; nothing when it asks for another action than `GetCallerIdentity`.
pub fn answer(caller: &Caller, form: &[u8], request_id: &str) -> Option<String> {
    url::form_urlencoded::parse(form)
        .any(|(name, value)| name == "Action" && value == "GetCallerIdentity")
        .then(|| {
            format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account></GetCallerIdentityResult>\
                 <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
                 </GetCallerIdentityResponse>",
                escape(&caller.arn),
                escape(&caller.user_id),
                escape(&caller.account),
                escape(request_id),
            )
        })
}

/// An error in STS's own form.
pub fn error(code: &str, message: &str, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{}</Code><Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        // The query protocol's names have no `Exception` at their ends.
        escape(code.strip_suffix("Exception").unwrap_or(code)),
        escape(message),
        escape(request_id),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
