/// Sources of mounts as programs write them, and as somebody might, with what may be told of each. `capture-host` and the agent read the same list.
enum HostileSources {
    struct Entry: Sendable, CustomStringConvertible {
        let type: String
        let source: String
        let told: String
        var description: String { "\(type) \(source)" }
    }

    /// All secrets begin with it or end with it.
    static let secret = "S3cret"

    static let all: [Entry] = [
        // A user and a password.
        ("fuse", "curlftpfs#ftp://alice:S3cretPW@ftp.lan.example/", "curlftpfs#ftp://ftp.lan.example/"),
        ("fuse", "curlftpfs#ftp://alice:S3cret@S3cretPW@ftp.lan.example/", "curlftpfs#ftp://ftp.lan.example/"),
        ("fuse", "curlftpfs#ftp://alice:S3cret/cretS3cret@ftp.lan.example/", "curlftpfs#ftp://(withheld)"),
        ("fuse", "curlftpfs#ftp://alice:S3cret?cretS3cret@ftp.lan.example/", "curlftpfs#ftp://(withheld)"),
        ("fuse", "curlftpfs#ftp://alice:S3cret#cretS3cret@ftp.lan.example/", "curlftpfs#ftp://(withheld)"),
        ("fuse", "curlftpfs#alice:S3cretPW@ftp.lan.example", "(withheld)"),
        ("fuse", "ftp://:S3cretPW@ftp.lan.example/", "ftp://ftp.lan.example/"),
        ("fuse", "ftp://alice:S3cretPW", "ftp://alice"),
        ("fuse", "ftp://alice:S3cretPW%40ftp.lan.example/x", "ftp://alice"),
        ("fuse", "ftp://alice:S3cret=S3cretPW@[fe80::1]:21/x", "ftp://(withheld)"),
        ("davfs", "https://bob:S3cretPW@dav.lan.example/dav", "https://dav.lan.example/dav"),
        ("davfs", "https://bob:S3cretPW@dav.lan.example:8443/a b/c", "https://dav.lan.example:8443/a b/c"),
        ("davfs", "https:/bob:S3cretPW@dav.lan.example/dav", "(withheld)"),
        ("overlay", "https://bob:S3cretPW@x.lan.example/", "https://x.lan.example/"),
        ("cifs", "//CORP;bob%S3cretPW@srv.lan.example/share", "//srv.lan.example/share"),
        ("cifs", "//bob:S3cretPW@srv.lan.example/Shared Docs", "//srv.lan.example/Shared Docs"),
        ("cifs", "//bob%S3cretPW/share", "//bob"), ("cifs", "//bob:S3cretPW:x/share", "//bob"),
        ("cifs", "//fe80::S3cretPW/share", "//fe80"),
        ("fuse.sshfs", "dave:S3cretPW@host.lan.example:/y", "host.lan.example:/y"),
        ("fuse.sshfs", "dave@host.lan.example:/y", "host.lan.example:/y"),
        ("fuse.x", ":S3cretPW@host", "host"), ("fuse.x", "S3cretPW@", "(withheld)"),
        ("nfs4", "bob:S3cretPW@srv:/x", "srv:/x"),
        // A token alone.
        ("fuse.gitfs", "https://S3cretPW@git.lan.example/x", "https://git.lan.example/x"),
        ("fuse.gitfs", "https://S3cret/S3cretPW@git.lan.example/x", "https://(withheld)"),
        ("fuse.gitfs", "https://git.lan.example/path@S3cretPW/x", "https://(withheld)"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example/c?sig=S3cretPW", "https://acct.blob.lan.example/c"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example/c?sig=S3cret@S3cretPW", "https://(withheld)"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example?S3cretPW", "https://acct.blob.lan.example"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example/c#S3cretPW", "https://acct.blob.lan.example/c"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example/c;token=S3cretPW", "https://acct.blob.lan.example/c"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example/c&sig=S3cretPW", "https://acct.blob.lan.example/c"),
        ("fuse.blobfuse2", "https://acct.blob.lan.example,S3cretPW/c", "https://acct.blob.lan.example"),
        // Options.
        ("fuse.rclone", ":sftp,host=sftp.lan.example,user=bob,pass=S3cretPW:data", ":sftp:"),
        ("fuse.rclone", ":webdav,url=\"https://x\",bearer_token=S3cretPW:data", ":webdav:"),
        ("fuse.rclone", ":webdav,url='https://bob:S3cretPW@x',vendor=other:S3cretPW", ":webdav:"),
        ("fuse.rclone", "remote,pass=S3cretPW:data", "remote"),
        ("fuse.rclone", "remote,pass=S3cret@S3cretPW:data", "(withheld)"),
        ("fuse.rclone", ":S3cretPW@x", "x"),
        ("fuse", ":sftp,host=sftp.lan.example,pass=S3cretPW:data", ":sftp"),
        ("fuse", "x?password=S3cretPW", "x"), ("fuse", "x,password=S3cretPW", "x"), ("fuse", "password=S3cretPW", "(withheld)"),
        ("fuse", "/x?password=S3cretPW", "/x"), ("fuse", "/dev/x,password=S3cretPW", "/dev/x"), ("fuse", "/a=S3cretPW", "(withheld)"),
        ("fuse", "x password=S3cretPW", "x"), ("fuse", "?S3cretPW", "(withheld)"), ("fuse", "#S3cretPW", "(withheld)"),
        ("nfs4", "srv.lan.example:/x?password=S3cretPW", "srv.lan.example:/x"), ("zfs", "tank/x;password=S3cretPW", "tank/x"),
        ("ceph", "admin@07fe3187-00d9.cephfs=/x,secret=S3cretPW", "07fe3187-00d9.cephfs=/x"),
        // Nothing to hide.
        ("fuse.rclone", "remote:data", "remote:data"), ("fuse.rclone", ":local:/srv/x", ":local:/srv/x"),
        ("fuse.glusterfs", "gluster1.lan.example:/volume", "gluster1.lan.example:/volume"),
        ("nfs4", "[fe80::1%eth0]:/x", "[fe80::1%eth0]:/x"), ("nfs", "filer:/vol/a@b#c", "filer:/vol/a@b#c"), ("nfs4", "none", "none"),
        ("panfs", "panfs://director.lan.example/x", "panfs://director.lan.example/x"),
        ("pvfs2", "tcp://meta.lan.example:3334/o", "tcp://meta.lan.example:3334/o"),
        ("pvfs2", "tcp://a.lan.example:3334,tcp://b.lan.example:3334/o", "tcp://a.lan.example:3334"),
        ("lustre", "10.0.0.1@tcp,10.1.0.1@o2ib1:10.0.0.2@tcp:/scratch", "10.0.0.1@tcp,10.1.0.1@o2ib1:10.0.0.2@tcp:/scratch"),
        ("ceph", "10.0.0.1:6789,10.0.0.2:6789:/x", "10.0.0.1:6789,10.0.0.2:6789:/x"),
        ("ceph", "admin@07fe3187-00d9.cephfs=/a", "07fe3187-00d9.cephfs=/a"), ("afs", "#lan.example:root.cell.", "#lan.example:root.cell."),
        ("zfs", "tank/data@snap", "tank/data@snap"), ("cifs", "//srv.lan.example/share", "//srv.lan.example/share"),
        ("fuse.x", "/home/carol/a@b#c", "/home/carol/a@b#c"), ("virtiofs", "share", "share"), ("9p", "C:\\", "C:\\"),
        ("fuseblk", "/dev/mapper/a@b=c#d?e", "/dev/mapper/a@b=c#d?e"),
        ("cifs", "//fe80::1/Shared Docs", "//fe80::1/Shared Docs"), ("cifs", "//[fe80::1]/share", "//[fe80::1]/share"),
        ("cifs", "//bob@2001:DB8:0:0:0:0:0:1/share", "//2001:DB8:0:0:0:0:0:1/share"), ("cifs", "//::1", "//::1"),
        ("cifs", "//cafe:445/x", "//cafe:445/x"),
        ("cifs", "//srv.lan.example/a\nb\tc", "//srv.lan.example/a\nb\tc"), ("nfs4", "[fe80::1]:/a b#c\n", "[fe80::1]:/a b#c\n"),
        ("nfs", "fe80::1:/x", "fe80::1:/x"), ("fuse.x", "a\nb", "a\nb"), ("9p", " ", " "), ("9p", "-", "-"),
    ].map { Entry(type: $0.0, source: $0.1, told: $0.2) }

    /// A line of `/proc/self/mountinfo` for each, escaped as the kernel does (fs/proc_namespace.c), mounted at `/m/0` and on.
    static var mountinfo: String {
        all.enumerated().map { "\(100 + $0) 22 0:\(30 + $0) / /m/\($0) rw,relatime - \($1.type) \(escaped($1.source)) rw\n" }.joined()
    }

    static func escaped(_ name: String) -> String {
        var text = ""
        for character in name {
            switch character {
            case " ": text += "\\040"
            case "\t": text += "\\011"
            case "\n": text += "\\012"
            case "\\": text += "\\134"
            case "#": text += "\\043"
            default: text.append(character)
            }
        }
        return text
    }
}
