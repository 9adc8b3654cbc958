//! Repositories behind a real nginx, where there is one: open, behind a password, and with certificates of both sides.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::repositories::{fetch_dependencies, pack, use_every_day};
use crate::shelf::Shelf;

/// Where Debian puts it, which is not on everybody's path.
const PROGRAM: &str = "/usr/sbin/nginx";

/// A server that ends with its test.
struct Nginx {
    process: Child,
    /// Ports: open, behind a password, with certificates.
    ports: [u16; 3],
}

impl Nginx {
    /// Serves the folder `charts`; nothing where there is no nginx.
    fn start(shelf: &Shelf) -> Option<Nginx> {
        if !Path::new(PROGRAM).exists() {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no nginx to fetch from\n");
            return None;
        }
        write_certificates(shelf);
        shelf.file("passwords", "user:{PLAIN}pass\n");
        let ports = free_ports();
        shelf.file("nginx.conf", &configuration(&shelf.path(""), ports));
        let process = Command::new(PROGRAM)
            .args(["-c", "nginx.conf", "-p"])
            .arg(shelf.path(""))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Nginx { process, ports };
        ports.iter().for_each(|port| wait_for(*port));
        Some(server)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Writes a certificate authority, and certificates with keys of a server and of a client.
pub(crate) fn write_certificates(shelf: &Shelf) {
    shelf.file("certificates/Chart.yaml", "apiVersion: v2\nname: certificates\nversion: 0.1.0\n");
    shelf.file(
        "certificates/templates/all.yaml",
        "{{- $ca := genCA \"authority\" 2 }}\n\
         {{- $server := genSignedCert \"server\" (list \"127.0.0.1\") (list \"localhost\") 2 $ca }}\n\
         {{- $client := genSignedCert \"client\" nil nil 2 $ca }}\n\
         {{ dict \"ca.crt\" $ca.Cert \"server.crt\" $server.Cert \"server.key\" $server.Key \"client.crt\" $client.Cert \
         \"client.key\" $client.Key | toJson }}\n",
    );
    let out = shelf.ok("template x certificates");
    let files: Value = serde_json::from_str(out.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    files.as_object().unwrap().iter().for_each(|(name, text)| shelf.file(name, text.as_str().unwrap()));
}

fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn configuration(folder: &Path, [open, closed, secured]: [u16; 3]) -> String {
    let folder = folder.to_string_lossy();
    let folder = folder.trim_end_matches('/');
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("  {name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n{temporary}  access_log off;\n  gzip on;\n  gzip_types *;\n  root {folder}/charts;\n\
           server {{ listen 127.0.0.1:{open}; }}\n\
           server {{ listen 127.0.0.1:{closed}; auth_basic x; auth_basic_user_file {folder}/passwords; }}\n\
           server {{ listen 127.0.0.1:{secured} ssl; ssl_certificate {folder}/server.crt;\n\
             ssl_certificate_key {folder}/server.key; ssl_client_certificate {folder}/ca.crt; ssl_verify_client on; }}\n\
         }}\n"
    )
}

pub(crate) fn wait_for(port: u16) {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        sleep(Duration::from_millis(25));
    }
    panic!("nothing listens on port {port}");
}

#[test]
fn the_everyday_way_with_nginx() {
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(server) = Nginx::start(&shelf) else { return };
    let url = format!("http://127.0.0.1:{}", server.ports[0]);
    use_every_day(&shelf, &url, "");
    fetch_dependencies(&shelf, &url);
}

#[test]
fn a_password_opens_what_it_belongs_to() {
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(server) = Nginx::start(&shelf) else { return };
    let url = format!("http://127.0.0.1:{}", server.ports[1]);
    let refused = shelf.fails(&format!("repo add shop {url} --username user --password wrong"));
    assert!(
        refused.ends_with(
            ": failed to fetch {URL}/index.yaml : 401 Unauthorized\n".replace("{URL}", &url).as_str()
        ),
        "{refused}"
    );
    use_every_day(&shelf, &url, " --username user --password pass");
    let archive = format!("{url}/web-1.0.0.tgz");
    assert_eq!(
        shelf.fails(&format!("pull {archive}")),
        format!("Error: failed to fetch {archive} : 401 Unauthorized\n")
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(shelf.path(".config/helm/repositories.yaml")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600, "the file has a password");
}

#[test]
fn certificates_of_both_sides_are_shown_and_checked() {
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(server) = Nginx::start(&shelf) else { return };
    let url = format!("https://127.0.0.1:{}", server.ports[2]);
    let unknown = shelf.fails(&format!("repo add shop {url}"));
    assert!(
        unknown
            .ends_with("tls: failed to verify certificate: x509: certificate signed by unknown authority\n"),
        "{unknown}"
    );
    let anonymous = shelf.fails(&format!("repo add shop {url} --ca-file ca.crt"));
    assert!(anonymous.ends_with(": 400 Bad Request\n"), "{anonymous}");
    let (ca, cert, key) = (shelf.path("ca.crt"), shelf.path("client.crt"), shelf.path("client.key"));
    let access =
        format!(" --ca-file {} --cert-file {} --key-file {}", ca.display(), cert.display(), key.display());
    use_every_day(&shelf, &url, &access);
    let swapped = shelf.fails(&format!(
        "repo add other {url} --ca-file ca.crt --cert-file client.key --key-file client.crt"
    ));
    assert!(swapped.contains("PEM inputs may have been switched"), "{swapped}");
    let foreign = shelf.fails(&format!(
        "repo add other {url} --ca-file ca.crt --cert-file client.crt --key-file server.key"
    ));
    assert!(foreign.ends_with("tls: private key does not match public key\n"), "{foreign}");
}
