//! A target on a free port that does with each connection what a script says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Serves until it is dropped.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    _accepting: JoinSet<()>,
}

/// A connection that the target accepted.
pub(crate) struct Connection {
    stream: TcpStream,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Scripted {
    /// Runs the script on every connection, at the same time where several are open.
    pub(crate) async fn new<S, F>(script: S) -> Self
    where
        S: Fn(Connection) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::default());
        let mut accepting = JoinSet::new();
        let all = Arc::clone(&heard);
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let heard = Arc::clone(&all);
                connections.spawn(script(Connection { stream, heard }));
            }
        });
        Self {
            address,
            heard,
            _accepting: accepting,
        }
    }

    /// Hears a request on each connection, says these bytes, and closes.
    pub(crate) async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        Self::saying_in_turn(vec![answer.into()]).await
    }

    /// The same with an answer for each connection, over and over.
    pub(crate) async fn saying_in_turn(answers: Vec<Vec<u8>>) -> Self {
        let answers = answers.into_iter().map(Arc::<[u8]>::from).collect::<Vec<_>>();
        let turn = AtomicUsize::new(0);
        Self::new(move |mut connection| {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            let answer = Arc::clone(&answers[turn % answers.len()]);
            async move {
                connection.hear().await;
                connection.say(&answer).await;
            }
        })
        .await
    }

    /// The requests heard so far, byte for byte.
    pub(crate) fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }

    /// The request lines heard so far.
    pub(crate) fn request_lines(&self) -> Vec<String> {
        let first_line = |request: &Vec<u8>| String::from_utf8_lossy(request).lines().next().unwrap().to_owned();
        self.heard().iter().map(first_line).collect()
    }
}

impl Connection {
    /// Reads the head of a request and its body, if that has a length. False where the peer closed instead.
    pub(crate) async fn hear(&mut self) -> bool {
        let mut request = Vec::new();
        while !is_whole(&request) {
            match self.stream.read_buf(&mut request).await {
                Ok(0) | Err(_) => return false,
                Ok(_) => {}
            }
        }
        self.heard.lock().unwrap().push(request);
        true
    }

    /// Reads the first bytes of a request, and no more.
    pub(crate) async fn hear_beginning(&mut self) {
        self.stream.read_exact(&mut [0; 64]).await.unwrap();
    }

    /// Writes bytes. False where the peer no longer listens.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Waits until the peer goes.
    pub(crate) async fn wait(mut self) {
        let mut ignored = Vec::new();
        while self.stream.read_buf(&mut ignored).await.is_ok_and(|read| read > 0) {
            ignored.clear();
        }
    }

    /// Breaks the connection: the peer meets a reset instead of the end.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    request.len() - end - 4 >= length.map_or(0, |length| length.parse().unwrap())
}
