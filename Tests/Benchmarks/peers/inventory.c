// The peer of `quartermaster-agent inventory`: a loop that opens and reads what an inventory needs, and does nothing with it.
//
//   inventory tree DIRECTORY MAPS   makes a root with MAPS multipath maps over four FC paths each
//   inventory read DIRECTORY        lists, opens and reads: links, attributes, udev records, mounts
//   inventory replay FILE           opens and reads each file that FILE names, and lists each directory (with a slash at its end): what a trace of
//                                   another program's calls said that it opened
//   inventory measure COUNT COMMAND… [-- COMMAND…]…   runs all in turn, COUNT times each, with their output thrown away; prints a line for each: the
//                                                      medians of wall and processor time in microseconds, and of the largest resident set in KiB
//   inventory compare COUNT COMMAND… -- COMMAND…   runs both in turn, COUNT times each, with their output thrown away; prints both medians
//                                                  in microseconds
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    exit(1);
}

// Making the tree

static const char *tree;

static void directories(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0755) != 0 && errno != EEXIST) die(path);
        *slash = '/';
    }
}

static void put(const void *bytes, size_t length, const char *format, ...) {
    char path[1024];
    int offset = snprintf(path, sizeof path, "%s/", tree);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + offset, sizeof path - (size_t)offset, format, arguments);
    va_end(arguments);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 && errno == ENOENT) {
        directories(path);
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    }
    if (file < 0 || write(file, bytes, length) != (ssize_t)length) die(path);
    close(file);
}

#define TEXT(text, ...) put(text, strlen(text), __VA_ARGS__)

static void lead(const char *target, const char *format, ...) {
    char path[1024], link[1024] = "";
    int offset = snprintf(path, sizeof path, "%s/", tree);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path + offset, sizeof path - (size_t)offset, format, arguments);
    va_end(arguments);
    for (const char *slash = strchr(path + offset, '/'); slash; slash = strchr(slash + 1, '/')) strcat(link, "../");
    strcat(link, target);
    if (symlink(link, path) != 0 && errno == ENOENT) {
        directories(path);
        if (symlink(link, path) != 0) die(path);
    }
}

// sda, sdb, … sdz, sdaa, as the kernel names them
static void diskName(int index, char *name) {
    char reversed[8];
    int length = 0;
    for (index++; index > 0; index = (index - 1) / 26) reversed[length++] = (char)('a' + (index - 1) % 26);
    strcpy(name, "sd");
    for (int place = 0; place < length; place++) name[2 + place] = reversed[length - 1 - place];
    name[2 + length] = 0;
}

static void device(const char *path, const char *name, int major, int minor, long sectors) {
    char text[64];
    snprintf(text, sizeof text, "%d:%d\n", major, minor);
    TEXT(text, "%s/dev", path);
    snprintf(text, sizeof text, "%ld\n", sectors);
    TEXT(text, "%s/size", path);
    TEXT("0\n", "%s/ro", path);
    TEXT("0\n", "%s/hidden", path);
    lead(path, "sys/block/%s", name);
    lead(path, "sys/dev/block/%d:%d", major, minor);
}

static void makeTree(int maps) {
    for (int host = 0; host < 2; host++) {
        char base[128], text[64];
        snprintf(base, sizeof base, "sys/devices/pci0000:00/0000:00:0%d.0/host%d", host + 2, host);
        snprintf(text, sizeof text, "0x10000090fa53bd2%d\n", host);
        TEXT(text, "%s/fc_host/host%d/port_name", base, host);
        TEXT(text, "%s/fc_host/host%d/node_name", base, host);
        TEXT("Online\n", "%s/fc_host/host%d/port_state", base, host);
        TEXT("16 Gbit\n", "%s/fc_host/host%d/speed", base, host);
        TEXT("Emulex LPe16002B\n", "%s/fc_host/host%d/symbolic_name", base, host);
        char target[256];
        snprintf(target, sizeof target, "%s/fc_host/host%d", base, host);
        lead(target, "sys/class/fc_host/host%d", host);
        TEXT("lpfc\n", "sys/class/scsi_host/host%d/proc_name", host);
        for (int port = 0; port < 2; port++) {
            snprintf(text, sizeof text, "0x500601603ba0123%d\n", port);
            TEXT(text, "sys/class/fc_remote_ports/rport-%d:0-%d/port_name", host, port);
        }
    }
    for (int map = 0; map < maps; map++) {
        char mapPath[128], mapName[16], text[4096], wwid[33];
        snprintf(wwid, sizeof wwid, "60060160123456780000%012d", map);
        snprintf(mapName, sizeof mapName, "dm-%d", map);
        snprintf(mapPath, sizeof mapPath, "sys/devices/virtual/block/%s", mapName);
        device(mapPath, mapName, 253, map, 209715200);
        snprintf(text, sizeof text, "mpath%d\n", map);
        TEXT(text, "%s/dm/name", mapPath);
        snprintf(text, sizeof text, "mpath-3%s\n", wwid);
        TEXT(text, "%s/dm/uuid", mapPath);
        TEXT("0\n", "%s/dm/suspended", mapPath);
        for (int path = 0; path < 4; path++) {
            int index = map * 4 + path, host = path / 2, port = path % 2;
            // The kernel's numbers of SCSI disks: sixteen majors of sixteen disks, then again in blocks of 256 minors.
            static const int majors[] = {8, 65, 66, 67, 68, 69, 70, 71, 128, 129, 130, 131, 132, 133, 134, 135};
            int major = majors[(index >> 4) & 15], minor = ((index & 15) << 4) | ((index >> 8) << 8);
            char name[12], unit[160], block[192];
            diskName(index, name);
            snprintf(unit, sizeof unit, "sys/devices/pci0000:00/0000:00:0%d.0/host%d/rport-%d:0-%d/target%d:0:%d/%d:0:%d:%d", host + 2,
                     host, host, port, host, port, host, port, map);
            snprintf(block, sizeof block, "%s/block/%s", unit, name);
            device(block, name, major, minor, 209715200);
            TEXT("0\n", "%s/type", unit);
            TEXT("DGC     \n", "%s/vendor", unit);
            TEXT("VRAID           \n", "%s/model", unit);
            TEXT("0533\n", "%s/rev", unit);
            TEXT("running\n", "%s/state", unit);
            snprintf(text, sizeof text, "naa.%s\n", wwid);
            TEXT(text, "%s/wwid", unit);
            char page[18];
            memcpy(page, "\0\x80\0\x0e", 4);
            snprintf(text, sizeof text, "CKM00%09d", map);
            memcpy(page + 4, text, 14);
            put(page, sizeof page, "%s/vpd_pg80", unit);
            lead(unit, "%s/device", block);
            lead(mapPath, "%s/holders/%s", block, mapName);
            lead(block, "%s/slaves/%s", mapPath, name);
            snprintf(text, sizeof text,
                     "S:disk/by-id/scsi-3%s\nS:disk/by-id/wwn-0x%s\nS:disk/by-path/pci-0000:00:0%d.0-fc-0x500601603ba0123%d-lun-%d\n"
                     "I:%d\nE:ID_SCSI=1\nE:ID_VENDOR=DGC\nE:ID_VENDOR_ENC=DGC\\x20\\x20\\x20\\x20\\x20\nE:ID_MODEL=VRAID\n"
                     "E:ID_MODEL_ENC=VRAID\\x20\\x20\\x20\nE:ID_REVISION=0533\nE:ID_TYPE=disk\nE:ID_SERIAL=3%s\nE:ID_SERIAL_SHORT=%s\n"
                     "E:ID_WWN=0x6006016012345678\nE:ID_WWN_VENDOR_EXTENSION=0x0000000000000000\nE:ID_WWN_WITH_EXTENSION=0x%s\n"
                     "E:ID_BUS=scsi\nE:ID_PATH=pci-0000:00:0%d.0-fc-0x500601603ba0123%d-lun-%d\nE:ID_FS_TYPE=mpath_member\n"
                     "E:DM_MULTIPATH_DEVICE_PATH=1\nE:SYSTEMD_READY=0\nG:systemd\nQ:systemd\nV:1\n",
                     wwid, wwid, host + 2, port, map, index, wwid, wwid, wwid, host + 2, port, map);
            TEXT(text, "run/udev/data/b%d:%d", major, minor);
        }
        snprintf(text, sizeof text,
                 "S:mapper/mpath%d\nS:disk/by-id/dm-uuid-mpath-3%s\nS:disk/by-id/dm-name-mpath%d\nL:50\nI:%d\nE:DM_UDEV_PRIMARY_SOURCE_FLAG=1\n"
                 "E:DM_NAME=mpath%d\nE:DM_UUID=mpath-3%s\nE:DM_SUSPENDED=0\nE:DM_TYPE=scsi\nE:DM_WWN=0x%s\nE:DM_SERIAL=3%s\n"
                 "E:ID_FS_UUID=5b1f9a1c-0000-4000-8000-%012d\nE:ID_FS_VERSION=1.0\nE:ID_FS_TYPE=xfs\nE:ID_FS_USAGE=filesystem\nG:systemd\n"
                 "Q:systemd\nV:1\n",
                 map, wwid, map, map, map, wwid, wwid, wwid, map);
        TEXT(text, "run/udev/data/b253:%d", map);
    }
    TEXT("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", "proc/swaps");
    TEXT("bench\n", "proc/sys/kernel/hostname");
    char *mounts = malloc((size_t)maps * 128 + 1), *end = mounts;
    if (!mounts) die("malloc");
    for (int map = 0; map < maps; map++)
        end += sprintf(end, "%d 1 253:%d / /srv/volume%d rw,relatime shared:%d - xfs /dev/mapper/mpath%d rw,attr2\n", map + 30, map, map,
                       map, map);
    put(mounts, (size_t)(end - mounts), "proc/self/mountinfo");
    free(mounts);
}

// Reading it

static long total;

static void slurp(int directory, const char *name) {
    static char buffer[1 << 16];
    int file = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t count = read(file, buffer, sizeof buffer);
    if (count > 0) total += count;
    close(file);
}

static void readAll(int root) {
    int links = openat(root, "sys/dev/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int records = openat(root, "run/udev/data", O_PATH | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fdopendir(links);
    if (!listing) die("sys/dev/block");
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (entry->d_name[0] == '.') continue;
        char link[512], path[512], record[300];
        ssize_t length = readlinkat(links, entry->d_name, link, sizeof link - 1);
        if (length < 0) continue;
        link[length] = 0;
        snprintf(path, sizeof path, "sys/%s", link + 6);
        int block = openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (block < 0) continue;
        slurp(block, "size");
        slurp(block, "ro");
        char *above = strstr(path, "/block/sd");
        if (above) {
            *above = 0;
            int unit = openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
            static const char *const names[] = {"type", "vendor", "model", "rev", "state", "wwid", "vpd_pg80"};
            for (size_t index = 0; index < sizeof names / sizeof *names; index++) slurp(unit, names[index]);
            close(unit);
        } else {
            slurp(block, "dm/name");
            slurp(block, "dm/uuid");
            slurp(block, "dm/suspended");
            int members = openat(block, "slaves", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            DIR *slaves = members < 0 ? NULL : fdopendir(members);
            if (slaves) {
                while (readdir(slaves)) total++;
                closedir(slaves);
            }
        }
        close(block);
        snprintf(record, sizeof record, "b%s", entry->d_name);
        slurp(records, record);
    }
    closedir(listing);
    close(records);
    slurp(root, "proc/self/mountinfo");
    slurp(root, "proc/swaps");
}

/// The same files as somebody else, each by its path.
static void replay(const char *file) {
    FILE *list = fopen(file, "r");
    if (!list) die(file);
    char path[4096];
    while (fgets(path, sizeof path, list)) {
        size_t length = strlen(path);
        if (length > 0 && path[length - 1] == '\n') path[--length] = 0;
        if (length > 1 && path[length - 1] == '/') {
            DIR *listing = opendir(path);
            if (!listing) continue;
            while (readdir(listing)) total++;
            closedir(listing);
        } else {
            slurp(AT_FDCWD, path);
        }
    }
    fclose(list);
}

// Timing

static int byValue(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

struct cost {
    double wall, processor, kibibytes;
};

/// What one run of a command takes whose output is thrown away, in microseconds.
static struct cost run(char **command) {
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "%s failed\n", command[0]);
        exit(1);
    }
    struct timeval user = usage.ru_utime, system = usage.ru_stime;
    double processor = (double)(user.tv_sec + system.tv_sec) * 1e6 + (double)(user.tv_usec + system.tv_usec);
    return (struct cost){now() - start, processor, (double)usage.ru_maxrss};
}

static double median(double *times, int count) {
    qsort(times, (size_t)count, sizeof *times, byValue);
    return times[count / 2];
}

/// In turn, so that what else the machine does falls on both.
static void compare(int count, char **left, char **right) {
    double *times = calloc((size_t)count * 2, sizeof *times);
    if (!times) die("calloc");
    for (int index = 0; index < count; index++) {
        times[index] = run(left).wall;
        times[count + index] = run(right).wall;
    }
    printf("%.0f %.0f\n", median(times, count), median(times + count, count));
    free(times);
}

/// Of so many commands, each of which ends in a null.
static void measure(int count, int commands, char ***list) {
    double *values = calloc((size_t)count * 3 * (size_t)commands, sizeof *values);
    if (!values) die("calloc");
    for (int index = 0; index < count; index++) {
        for (int command = 0; command < commands; command++) {
            double *own = values + (size_t)command * 3 * (size_t)count;
            struct cost cost = run(list[command]);
            own[index] = cost.wall;
            own[count + index] = cost.processor;
            own[2 * count + index] = cost.kibibytes;
        }
    }
    for (int command = 0; command < commands; command++) {
        double *own = values + (size_t)command * 3 * (size_t)count;
        printf("%.0f %.0f %.0f\n", median(own, count), median(own + count, count), median(own + 2 * count, count));
    }
    free(values);
}

int main(int argumentCount, char **arguments) {
    if (argumentCount == 4 && strcmp(arguments[1], "tree") == 0) {
        tree = arguments[2];
        makeTree(atoi(arguments[3]));
    } else if (argumentCount == 3 && strcmp(arguments[1], "read") == 0) {
        int root = open(arguments[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) die(arguments[2]);
        readAll(root);
        printf("%ld bytes\n", total);
    } else if (argumentCount == 3 && strcmp(arguments[1], "replay") == 0) {
        replay(arguments[2]);
        printf("%ld bytes\n", total);
    } else if (argumentCount >= 4 && strcmp(arguments[1], "measure") == 0) {
        char **list[16] = {arguments + 3};
        int commands = 1;
        for (int index = 3; index < argumentCount && commands < 16; index++) {
            if (strcmp(arguments[index], "--") != 0) continue;
            arguments[index] = NULL;
            list[commands++] = arguments + index + 1;
        }
        measure(atoi(arguments[2]), commands, list);
    } else if (argumentCount >= 6 && strcmp(arguments[1], "compare") == 0) {
        int second = 4;
        while (second < argumentCount && strcmp(arguments[second], "--") != 0) second++;
        if (second + 1 >= argumentCount) {
            fprintf(stderr, "compare: a second command is expected after --\n");
            return 64;
        }
        arguments[second] = NULL;
        compare(atoi(arguments[2]), arguments + 3, arguments + second + 1);
    } else {
        fprintf(stderr, "usage: inventory tree DIRECTORY MAPS | read DIRECTORY | replay FILE | measure COUNT COMMAND... [-- COMMAND...]... | compare COUNT COMMAND... -- COMMAND...\n");
        return 64;
    }
    return 0;
}
