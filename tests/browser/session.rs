//! A Chromium of its own, with a fresh profile: what a person does in it, and what can be seen of it.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::web_driver::Driver;

/// The longest that something may take to show.
const PATIENCE: Duration = Duration::from_secs(60);
/// By what name WebDriver tells of elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Keys that are no characters, as WebDriver has them.
pub(crate) const TAB: &str = "\u{e004}";
/// Enter.
pub(crate) const ENTER: &str = "\u{e007}";

/// A Chromium that is ended when this is dropped.
pub(crate) struct Session<'d> {
    driver: &'d Driver,
    path: String,
    process: Option<Pid>,
    _profile: TempDir,
}

impl<'d> Session<'d> {
    /// Starts it, 1280 pixels wide.
    pub(crate) fn start(driver: &'d Driver, chromium: &Path) -> Self {
        let profile = TempDir::new().unwrap();
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ];
        let mut flags = flags.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": chromium, "args": flags},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "unhandledPromptBehavior": "ignore",
        }}});
        let begun = driver.send("POST", "/session", Some(&capabilities)).unwrap();
        let process = begun["capabilities"]["goog:processID"].as_i64();
        Self {
            driver,
            path: format!("/session/{}", begun["sessionId"].as_str().unwrap()),
            process: process.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)),
            _profile: profile,
        }
    }

    fn try_send(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.driver.send("POST", &format!("{}/{path}", self.path), Some(body))
    }

    #[track_caller]
    fn send(&self, path: &str, body: &Value) -> Value {
        self.try_send(path, body).unwrap()
    }

    /// Opens a page, and waits until it is loaded.
    pub(crate) fn open(&self, url: &str) {
        self.send("url", &json!({"url": url}));
    }

    /// Opens a file.
    pub(crate) fn open_file(&self, file: &Path) {
        self.open(&format!("file://{}", file.display()));
    }

    /// What a function body returns in the page.
    #[track_caller]
    pub(crate) fn eval(&self, script: &str) -> Value {
        self.send("execute/sync", &json!({"script": script, "args": []}))
    }

    /// What an expression comes to, once its promise is fulfilled.
    #[track_caller]
    pub(crate) fn awaited(&self, expression: &str) -> Value {
        let script =
            format!("Promise.resolve({expression}).then(arguments[0], (fault) => arguments[0](String(fault)))");
        self.send("execute/async", &json!({"script": script, "args": []}))
    }

    /// The text that an expression is.
    #[track_caller]
    pub(crate) fn text(&self, expression: &str) -> String {
        let value = self.eval(&format!("return {expression}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Waits until an expression is true: a page may be on its way.
    #[track_caller]
    pub(crate) fn until(&self, expression: &str) {
        let started = Instant::now();
        let script = json!({"script": format!("return Boolean({expression})"), "args": []});
        loop {
            // While a page gives way to the next there is nothing to ask.
            let seen = self.try_send("execute/sync", &script);
            if seen == Ok(Value::Bool(true)) {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{expression}: {seen:?} at {}",
                self.text("location.href")
            );
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let found = self.send("element", &json!({"using": "css selector", "value": selector}));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Scrolls to the element and clicks where it is.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        let path = format!("element/{}/click", self.element(selector));
        let started = Instant::now();
        loop {
            self.eval(&format!(
                "document.querySelector('{selector}').scrollIntoView({{ block: 'center' }})"
            ));
            let clicked = self.try_send(&path, &json!({}));
            // What comes into view gets its true height, and moves what is below it: beneath the bar at the top, perhaps.
            let is_covered = matches!(&clicked, Err(fault) if fault.contains("click intercepted"));
            if !is_covered || started.elapsed() > PATIENCE {
                clicked.unwrap();
                return;
            }
        }
    }

    /// Types into an element.
    #[track_caller]
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        self.send(
            &format!("element/{}/value", self.element(selector)),
            &json!({"text": text}),
        );
    }

    /// Presses keys wherever the focus is.
    #[track_caller]
    pub(crate) fn press(&self, keys: &str) {
        let strokes = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let strokes: Vec<_> = strokes.collect();
        self.send(
            "actions",
            &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}),
        );
    }

    /// A command of Chromium's developer protocol.
    #[track_caller]
    pub(crate) fn developer(&self, command: &str, parameters: &Value) -> Value {
        self.send("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Shows pages so wide and high, in light or dark.
    pub(crate) fn emulate(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.developer("Emulation.setDeviceMetricsOverride", &size);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.developer("Emulation.setEmulatedMedia", &media);
    }

    /// What is on the console, the browser's own complaints among it: each since it was last asked for.
    pub(crate) fn console(&self) -> Vec<Value> {
        self.log("browser")
    }

    /// The addresses that pages have asked for, but for those that the browser itself begins with.
    pub(crate) fn requested(&self) -> Vec<String> {
        let entries = self.log("performance").into_iter();
        let messages = entries.filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let sent = messages.filter(|own| own["message"]["method"] == "Network.requestWillBeSent");
        let asked = sent.filter_map(|own| {
            let parameters = &own["message"]["params"];
            let page = parameters["documentURL"].as_str()?;
            let is_own = page != "data:," && !page.starts_with("chrome://");
            is_own.then(|| parameters["request"]["url"].as_str().map(str::to_owned))?
        });
        asked.collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.send("se/log", &json!({"type": kind}))
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Whether a dialogue of a script is open.
    pub(crate) fn has_dialogue(&self) -> bool {
        self.driver
            .send("GET", &format!("{}/alert/text", self.path), None)
            .is_ok()
    }

    /// What can be seen, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = self.developer("Page.captureScreenshot", &json!({"format": "png"}));
        base64::engine::general_purpose::STANDARD
            .decode(picture["data"].as_str().unwrap())
            .unwrap()
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let ended = self.driver.send("DELETE", &self.path, None);
        if let (Err(_), Some(process)) = (ended, self.process) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}
