// needs: StrictJSON Identifiers Files Inventory Messages Sealing
// corpus: Tests/SealingTests/Vectors Tests/SealingTests/Vectors/refused
import Files
import Messages
import Sealing

/// What is not of the one shape never reaches libcrypto; what is, and is not signed right, is refused. The keys are the vectors' own, so that what
/// is sealed to them is decrypted.
private let keys = Keys()

private struct Keys {
    let host: Signer
    let controller: Certificate
    let recipients: RecipientKeys

    init() {
        do {
            // Run from the package's directory.
            let vectors = "Tests/SealingTests/Vectors"
            let pem = try readFile("\(vectors)/decryption.pem")
            host = try Signer(
                key: PrivateKey(pem: readFile("\(vectors)/host.key")), certificate: Certificate(pem: readFile("\(vectors)/host.pem")))
            controller = try Certificate(pem: pem)
            recipients = RecipientKeys([try PrivateKey(pem: pem), host.key])
            // The lookup of the recipient is passed, or nothing behind it would be tried.
            _ = try Sealing.open(try readFile("\(vectors)/message.p7m"), with: recipients)
        } catch {
            preconditionFailure("the vectors are not where they were: \(error)")
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCMS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(SealingError) { parse(try Sealing.open(bytes, with: keys.recipients).payload) } catch {}
    do throws(SealingError) { _ = try Sealing.verify(bytes) } catch {}
    do throws(SealingError) { _ = try Certificate(der: bytes) } catch {}
    do throws(SealingError) { _ = try CertificateRequest(der: bytes) } catch {}
    changeSealed(bytes)
    return 0
}

/// Seals what follows the first four bytes, changes the byte that they name, and opens it: only what was not changed is believed.
private func changeSealed(_ bytes: [UInt8]) {
    guard bytes.count > 4 else { return }
    let payload = Array(bytes[4...])
    do {
        let good = try Sealing.seal(payload, signer: keys.host, recipient: keys.controller)
        var sealed = good
        let place = (Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])) % sealed.count
        sealed[place] ^= bytes[0]
        do throws(SealingError) {
            let opened = try Sealing.open(sealed, with: keys.recipients)
            precondition(opened.payload == payload && opened.signer == keys.host.certificate, "a message that was changed is believed")
            parse(opened.payload)
        } catch {
            precondition(sealed != good, "what was sealed is not opened: \(error)")
        }
    } catch {
        preconditionFailure("cannot seal: \(error)")
    }
}

private func parse(_ payload: [UInt8]) {
    do throws(MessageError) { _ = try Message.parse(payload) } catch {}
}
