//! Which frames of a stack are the program's own, and which are a library's or the runtime's.

use model::document::detail::StackFrame;

/// Parts of a path under which package managers and runtimes keep what is not the program's own.
const FOREIGN_PATHS: [&str; 17] = [
    "node_modules/",
    "node:",
    "internal/",
    "site-packages/",
    "dist-packages/",
    "/lib/python",
    "/usr/lib/",
    "/usr/local/lib/",
    "/usr/local/go/",
    "/go/pkg/mod/",
    "/gems/",
    "/vendor/",
    "/.cargo/registry/",
    "/rustc/",
    "/var/runtime/",
    "/opt/",
    "<frozen ",
];

/// Beginnings of the names of what runtimes, frameworks and SDKs bring.
const FOREIGN_NAMES: [&str; 20] = [
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "com.amazonaws.",
    "software.amazon.",
    "org.springframework.",
    "org.apache.",
    "org.eclipse.",
    "org.hibernate.",
    "io.netty.",
    "reactor.",
    "kotlin.",
    "scala.",
    "System.",
    "Microsoft.",
    "Amazon.",
    "runtime.",
];

/// Whether a frame is the program's own, as far as path and name tell. What lies under the program's working directory
/// (but not in a folder of packages there) is.
pub(super) fn is_own(frame: &StackFrame, directory: Option<&str>) -> bool {
    let path = frame.path.as_deref().unwrap_or_default().replace('\\', "/");
    let inside = directory.filter(|directory| directory.len() > 1).and_then(|directory| path.strip_prefix(directory));
    let path = inside.unwrap_or(&path);
    let label = frame.label.as_deref().unwrap_or_default();
    !FOREIGN_PATHS.iter().any(|part| path.contains(part)) && !FOREIGN_NAMES.iter().any(|name| label.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_packages_and_runtimes_bring_is_not_our_own() {
        for (path, label, directory, expected) in [
            ("/srv/app/pay.py", "charge", None, true),
            ("/srv/app/.venv/lib/python3.12/site-packages/requests/api.py", "get", Some("/srv/app"), false),
            ("/opt/app/pay.py", "charge", Some("/opt/app"), true),
            ("/opt/app/node_modules/pg/index.js", "query", Some("/opt/app"), false),
            ("node:internal/process/task_queues", "processTicks", None, false),
            ("C:\\app\\node_modules\\pg\\index.js", "query", None, false),
            ("PaymentService.java", "com.example.PaymentService.charge", None, true),
            ("ThreadPoolExecutor.java", "java.util.concurrent.ThreadPoolExecutor.runWorker", None, false),
            ("", "main", None, true),
            ("/usr/local/go/src/net/http/server.go", "http.HandlerFunc.ServeHTTP", None, false),
        ] {
            let frame = StackFrame { path: Some(path.to_owned()), line: None, label: Some(label.to_owned()) };
            assert_eq!(is_own(&frame, directory), expected, "{path} {label}");
        }
    }
}
