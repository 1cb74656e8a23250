// needs: StrictJSON Identifiers Files Sealing
// corpus: Tests/SealingTests/Vectors Tests/SealingTests/Vectors/refused
import Sealing

/// What is not of the one shape never reaches libcrypto; what is, and is not signed right, is refused.
private let keys = RecipientKeys([])

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCMS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(SealingError) { _ = try Sealing.open(bytes, with: keys) } catch {}
    do throws(SealingError) { _ = try Sealing.verify(bytes) } catch {}
    do throws(SealingError) { _ = try Certificate(der: bytes) } catch {}
    do throws(SealingError) { _ = try CertificateRequest(der: bytes) } catch {}
    return 0
}
