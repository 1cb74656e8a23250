import ISCSI
import Identifiers
import Testing

@Suite struct TargetMakerTests {
    @Test(
        arguments: [
            ("iqn.1992-08.com.netapp:sn.84167939", "NetApp", nil, "84167939"),
            ("iqn.1992-08.com.netapp:sn.0fe2a1b2c3d4:vs.3", "NetApp", nil, "0FE2A1B2C3D4"),
            ("iqn.1992-04.com.emc:cx.apm00123456789.a0", "Dell EMC", "CLARiiON, VNX or Unity", "APM00123456789"),
            ("iqn.2015-10.com.dell:dellemc-powerstore-crk00190412345-a-1f2e3d4c", "Dell", "PowerStore", "CRK00190412345"),
            ("iqn.2001-05.com.equallogic:0-8a0906-1a2b3c4d5-6e7f-volume", "Dell", "EqualLogic", nil),
            ("iqn.1994-04.jp.co.hitachi:rsd.d9l.t.10008.0a000", "Hitachi", "D9L", "10008"),
            ("iqn.2010-06.com.purestorage:flasharray.2b2ac6c8e0c0ba1f", "Pure Storage", "FlashArray", nil),
            ("iqn.1986-03.com.hp:storage.msa2012i.0919d81b51.a", "HPE", "MSA2012I", "0919D81B51"),
            ("iqn.1986-03.com.ibm:2145.cluster1.node1", "IBM", "SAN Volume Controller or Storwize", nil),
            ("iqn.2005-10.com.xivstorage:010210", "IBM", "XIV", "010210"),
            ("iqn.2000-01.com.synology:diskstation.target-1.0123456789", "Synology", nil, nil),
            ("iqn.2004-04.com.qnap:ts-453a:iscsi.backup.1a2b3c", "QNAP", "TS-453A", nil),
            ("iqn.2003-01.org.linux-iscsi.host.x8664:sn.0123456789ab", "Linux", "LIO", "0123456789AB"),
            ("iqn.2008-05.com.xtremio:xio00133500146-514f0c50023f6c00", "Dell EMC", "XtremIO", "XIO00133500146"),
            ("naa.60a98000486e2f34576f2f51715a7142", nil, nil, nil), ("naa.600a098038303053453f463045727a55", "NetApp", nil, nil),
            ("eui.0017380000000001", "IBM (XIV)", nil, nil),
            ("naa.2123000d31000001", "Dell (Compellent)", nil, nil), ("iqn.2026-11.lab.example:t1", nil, nil, nil),
            ("iqn.1992-08.com.netappliance:sn.1", nil, nil, nil),
            ("iqn.1992-08.com.netapp", "NetApp", nil, nil),
            ("iqn.2000-09.com.fujitsu:storage-system.eternus-dx400:00c0c1p0", "Fujitsu", "ETERNUS", nil),
        ] as [(String, String?, String?, String?)])
    func aNameTellsWhatItsConventionSays(name: String, vendor: String?, product: String?, serial: String?) throws {
        let maker = TargetMaker.of(try #require(ISCSIName(name)))
        #expect(maker?.vendor == vendor)
        #expect(maker?.product == product)
        #expect(maker?.serial == serial)
    }

    @Test func anAliasOfLIOIsKnown() throws {
        #expect(
            TargetMaker.of(try #require(ISCSIName("iqn.2026-11.lab.example:t1")), alias: "LIO Target")
                == TargetMaker(vendor: "Linux", product: "LIO"))
    }
}
