extension ApplicationTable {
    /// What is told without anybody's doing. The files under `/etc/quartermaster/applications.d` are of the same format.
    package static let builtIn = """
        # Databases

        [postgresql]
        package   = postgresql-# postgresql-server postgresql#-server
        process   = postgres postmaster
        option    = -D --pgdata
        setting   = /etc/postgresql/*/*/postgresql.conf data_directory
        directory = /var/lib/postgresql/*/* /var/lib/pgsql/data /var/lib/pgsql/*/data

        [mariadb]
        package   = mariadb-server mariadb-server-#
        process   = mariadbd
        option    = --datadir
        setting   = /etc/my.cnf datadir
        setting   = /etc/my.cnf.d/*.cnf datadir
        setting   = /etc/mysql/*.cnf datadir
        setting   = /etc/mysql/*/*.cnf datadir
        directory = /var/lib/mysql

        [mysql]
        package   = mysql-server mysql-server-# mysql-community-server default-mysql-server percona-server-server
        process   = mysqld
        option    = --datadir
        setting   = /etc/my.cnf datadir
        setting   = /etc/my.cnf.d/*.cnf datadir
        setting   = /etc/mysql/*.cnf datadir
        setting   = /etc/mysql/*/*.cnf datadir
        directory = /var/lib/mysql

        [oracle]
        package   = oracle-database-* oracle-xe-*
        process   = ora_pmon_* db_pmon_* tnslsnr
        directory = /u*/app/oracle/oradata /u*/oradata /opt/oracle/oradata

        [oracle-asm]
        package   = oracleasm-support
        process   = asm_pmon_*

        [db2]
        process   = db2sysc
        directory = /home/*/*/NODE0000 /db2/*/*/NODE0000

        [mssql]
        package   = mssql-server
        process   = sqlservr
        setting   = /var/opt/mssql/mssql.conf defaultdatadir
        directory = /var/opt/mssql/data

        [mongodb]
        package   = mongodb-server mongodb-org-server mongodb-enterprise-server
        process   = mongod
        option    = --dbpath
        setting   = /etc/mongod.conf dbPath
        setting   = /etc/mongodb.conf dbpath
        directory = /var/lib/mongodb /var/lib/mongo

        [redis]
        package   = redis-server redis valkey valkey-server
        process   = redis-server valkey-server
        option    = --dir
        setting   = /etc/redis/*.conf dir
        setting   = /etc/redis.conf dir
        directory = /var/lib/redis /var/lib/valkey

        [cassandra]
        package   = cassandra
        java      = org.apache.cassandra.service.CassandraDaemon
        directory = /var/lib/cassandra

        [elasticsearch]
        package   = elasticsearch opensearch
        java      = org.elasticsearch.bootstrap.Elasticsearch org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch org.opensearch.bootstrap.OpenSearch
        setting   = /etc/elasticsearch/elasticsearch.yml path.data
        setting   = /etc/opensearch/opensearch.yml path.data
        directory = /var/lib/elasticsearch /var/lib/opensearch

        [kafka]
        package   = kafka confluent-kafka confluent-server
        java      = kafka.Kafka
        setting   = /etc/kafka/*.properties log.dirs
        directory = /var/lib/kafka

        [influxdb]
        package   = influxdb influxdb2
        process   = influxd
        option    = --engine-path
        directory = /var/lib/influxdb

        [sap-hana]
        process   = hdbindexserver hdbnameserver hdbdaemon
        directory = /hana/data /hana/log

        [ldap]
        package   = slapd openldap-servers 389-ds-base
        process   = slapd ns-slapd
        directory = /var/lib/ldap /var/lib/dirsrv

        # Volume managers, clusters, storage

        [veritas]
        package   = VRTSvxvm VRTSvxfs VRTSvcs
        process   = vxconfigd had

        [pacemaker]
        package   = pacemaker
        process   = pacemakerd
        directory = /var/lib/pacemaker

        [corosync]
        package   = corosync
        process   = corosync

        [spectrum-scale]
        package   = gpfs.base
        process   = mmfsd mmfsd64

        [ceph]
        package   = ceph-osd ceph-mon
        process   = ceph-osd ceph-mon
        directory = /var/lib/ceph/osd/* /var/lib/ceph/mon/*

        [glusterfs]
        package   = glusterfs-server
        process   = glusterd glusterfsd
        option    = --brick-name
        directory = /var/lib/glusterd

        [drbd]
        package   = drbd-utils drbd#-utils
        process   = drbd-reactor

        [minio]
        package   = minio
        process   = minio

        # Containers and virtual machines

        [kubernetes]
        package   = kubelet rke2-server rke2-agent k3s
        process   = kubelet k3s-server k3s-agent rke2
        option    = --root-dir
        directory = /var/lib/kubelet /var/lib/rancher

        [etcd]
        package   = etcd etcd-server
        process   = etcd
        option    = --data-dir
        directory = /var/lib/etcd

        [libvirt]
        package   = libvirt-daemon-system libvirt-daemon libvirt-daemon-driver-qemu
        process   = libvirtd virtqemud
        directory = /var/lib/libvirt/images

        [docker]
        package   = docker.io docker-ce moby-engine
        process   = dockerd
        option    = --data-root -g
        setting   = /etc/docker/daemon.json data-root
        directory = /var/lib/docker

        [containerd]
        package   = containerd containerd.io
        process   = containerd
        option    = --root
        directory = /var/lib/containerd

        [podman]
        package   = podman
        process   = podman conmon
        setting   = /etc/containers/storage.conf graphroot
        directory = /var/lib/containers/storage

        [cri-o]
        package   = cri-o
        process   = crio
        option    = --root

        # Servers of files, mail, pages, backups

        [samba]
        package   = samba
        process   = smbd

        [nfs-server]
        package   = nfs-kernel-server
        process   = nfsd

        [apache]
        package   = apache2 httpd
        process   = apache2 httpd
        directory = /var/www

        [nginx]
        package   = nginx nginx-core nginx-full nginx-light
        process   = nginx

        [postfix]
        package   = postfix
        directory = /var/spool/postfix

        [dovecot]
        package   = dovecot-core dovecot
        process   = dovecot

        [bacula]
        package   = bacula-sd bacula-storage
        process   = bacula-sd
        """
}
