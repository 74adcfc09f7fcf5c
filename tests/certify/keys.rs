//! The keys that sign and verify.

use std::fs;

use tempfile::TempDir;

use crate::stage::{CORE, command, ended, hubproof, issued};

const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
                    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
                    6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
                    -----END PUBLIC KEY-----\n";
#[test]
fn a_key_that_verifies_nothing_is_told_why() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key");
    for (text, words) in [
        (
            P256.to_owned(),
            "of another algorithm: certificates are signed with Ed25519",
        ),
        (
            fs::read_to_string(issued().join("own.key")).unwrap(),
            "holds a private key",
        ),
        ("nothing".to_owned(), "holds no public key"),
    ] {
        fs::write(&file, text).unwrap();
        let ended = hubproof(issued(), &["verify", "out", "--key", file.to_str().unwrap()]);
        assert!(ended.code == 2 && ended.err.contains(words), "{words}: {}", ended.err);
        assert!(
            !ended.err.contains("MC4CAQ"),
            "no message shows a private key: {}",
            ended.err
        );
    }
}
#[test]
fn keys_are_written_once_and_for_their_owner_alone() {
    let folder = TempDir::new().unwrap();
    let made = hubproof(folder.path(), &["keygen"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.out.contains("key id:      sha256:"), "{}", made.out);
    let private = fs::read_to_string(folder.path().join("hubproof.key")).unwrap();
    assert!(private.starts_with("-----BEGIN PRIVATE KEY-----") && !made.out.contains(private.lines().nth(1).unwrap()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("hubproof.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = hubproof(folder.path(), &["keygen"]);
    assert!(
        again.code == 2 && again.err.contains("is there already"),
        "{}",
        again.err
    );
    // Neither of the two is made where one is there.
    fs::remove_file(folder.path().join("hubproof.pub")).unwrap();
    assert_eq!(hubproof(folder.path(), &["keygen"]).code, 2);
    assert!(!folder.path().join("hubproof.pub").exists());
    assert_eq!(fs::read_to_string(folder.path().join("hubproof.key")).unwrap(), private);
    let named = hubproof(folder.path(), &["keygen", "--out", "a.pub"]);
    assert!(named.code == 2 && named.err.contains("another ending"), "{}", named.err);
}
#[test]
fn a_key_comes_from_the_environment_and_an_earlier_certificate_is_compared() {
    let folder = TempDir::new().unwrap();
    let issued = issued();
    let arguments = [
        "certify",
        "--set",
        "hub-core",
        "--allow",
        "read",
        "--cases",
        "2",
        "--signing-key-env",
        "HUBPROOF_TEST_KEY",
        "--compare",
        issued.to_str().unwrap(),
        "-q",
    ];
    let out = issued.join("out");
    let arguments: Vec<_> = arguments
        .iter()
        .map(|own| {
            if *own == issued.to_str().unwrap() {
                out.to_str().unwrap()
            } else {
                own
            }
        })
        .collect();
    let private = fs::read_to_string(issued.join("own.key")).unwrap();
    let certified = ended(
        command(folder.path(), &arguments)
            .env("HUBPROOF_TEST_KEY", &private)
            .output()
            .unwrap(),
    );
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert!(certified.out.contains("cases: 4 → 2\n"), "{}", certified.out);
    assert!(
        certified.out.contains("since the certificate of 20"),
        "{}",
        certified.out
    );
    assert!(!certified.err.contains("not signed by the key"), "{}", certified.err);
    let missing = ended(
        command(folder.path(), &arguments)
            .env_remove("HUBPROOF_TEST_KEY")
            .output()
            .unwrap(),
    );
    assert!(
        missing.code == 2 && missing.err.contains("HUBPROOF_TEST_KEY is not set"),
        "{}",
        missing.err
    );
}
#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.key");
    fs::copy(issued().join("own.key"), &own).unwrap();
    let said = |mode| {
        fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
        // Ends at the earlier certificate, which is read after the key.
        hubproof(folder.path(), &[&CORE[..], &["--compare", "own.key"]].concat()).err
    };
    assert!(said(0o644).contains("own.key can be read by others (mode 0644)"));
    assert!(!said(0o600).contains("can be read by others"));
}
