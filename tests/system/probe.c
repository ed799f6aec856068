/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program in the service's place: tries the doors that the unit's sandbox
 * is to keep shut, and writes to $RUNTIME_DIRECTORY/probe, a line each,
 * "DIRECTIVE open", "DIRECTIVE shut", or "DIRECTIVE absent" where this machine has no
 * such door.  tests/system/sandbox sets up what it looks for.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "util/util.h"

typedef enum Door {
        DOOR_SHUT,
        DOOR_OPEN,
        DOOR_ABSENT,
} Door;

static const char *runtime_directory;

static Door door(bool open) {
        return open ? DOOR_OPEN : DOOR_SHUT;
}

/* A call that is bound to fail: with EPERM where a filter stops it first. */
static Door door_of_call(long r) {
        return door(r >= 0 || errno != EPERM);
}

static Door door_of_mount(const char *path) {
        struct statvfs st;

        if (statvfs(path, &st) < 0)
                return DOOR_ABSENT;
        return door(!(st.f_flag & ST_RDONLY));
}

/* Open where the namespace is that of PID 1, whose own the test wrote down. */
static Door door_of_namespace(const char *name) {
        char path[64], ours[64] = "", outside[64] = "";
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
        if (readlink(path, ours, sizeof(ours) - 1) < 0)
                return DOOR_ABSENT;
        (void) snprintf(path, sizeof(path), "/run/probe/%s", name);
        f = fopen(path, "re");
        if (!f)
                return DOOR_ABSENT;
        if (!fgets(outside, sizeof(outside), f))
                outside[0] = '\0';
        (void) fclose(f);
        outside[strcspn(outside, "\n")] = '\0';
        return door(strcmp(ours, outside) == 0);
}

static Door probe_capability_bounding_set(void) {
        for (int i = 0; i <= CAP_LAST_CAP; i++)
                if (prctl(PR_CAPBSET_READ, i) == 1)
                        return DOOR_OPEN;
        return DOOR_SHUT;
}

static Door probe_device_policy(void) {
        int fd = open("/usr/lib/probe-device", O_RDWR | O_CLOEXEC);
        Door d = door_of_call(fd);

        close_safe(fd);
        return d;
}

/* Needs a socket, so that it means something only without RestrictAddressFamilies=. */
static Door probe_ip_address_deny(void) {
        struct sockaddr_in sin = {
                .sin_family = AF_INET,
                .sin_port = htons(9),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        _cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return DOOR_ABSENT;
        return door(sendto(fd, "x", 1, 0, (struct sockaddr *) &sin, sizeof(sin)) == 1);
}

static Door probe_limit_core(void) {
        struct rlimit limit;

        return door(getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_max != 0);
}

static Door probe_lock_personality(void) {
        int r = personality(PER_LINUX | ADDR_NO_RANDOMIZE);

        if (r >= 0)
                (void) personality(r);
        return door(r >= 0);
}

static Door probe_memory_deny_write_execute(void) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
                return DOOR_SHUT;
        (void) munmap(p, 4096);
        return DOOR_OPEN;
}

static Door probe_no_exec_paths(void) {
        return door(access("/usr/bin/true", X_OK) == 0);
}

static Door probe_no_new_privileges(void) {
        return door(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1);
}

static Door probe_private_devices(void) {
        return door(access("/dev/probe", F_OK) == 0);
}

static Door probe_private_ipc(void) {
        return door_of_namespace("ipc");
}

static Door probe_private_mounts(void) {
        return door_of_namespace("mnt");
}

static Door probe_private_tmp(void) {
        return door(access("/tmp/probe", F_OK) == 0 || access("/var/tmp/probe", F_OK) == 0);
}

static Door probe_protect_clock(void) {
        return door_of_call(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
}

static Door probe_protect_control_groups(void) {
        return door_of_mount("/sys/fs/cgroup");
}

static Door probe_protect_home(void) {
        return door(access("/home/probe", F_OK) == 0 || access("/run/user/probe", F_OK) == 0);
}

static Door probe_protect_kernel_logs(void) {
        struct stat st;

        return door(stat("/proc/kmsg", &st) == 0 && (st.st_mode & 0777) != 0);
}

static Door probe_protect_kernel_modules(void) {
        return door(access("/usr/lib/modules", R_OK) == 0);
}

static Door probe_protect_kernel_tunables(void) {
        return door_of_mount("/proc/sys/net");
}

static Door probe_protect_proc(void) {
        return door(access("/proc/1/stat", F_OK) == 0);
}

static Door probe_protect_system(void) {
        return door_of_mount("/var") == DOOR_SHUT && door_of_mount("/etc") == DOOR_SHUT &&
                        door_of_mount("/usr") == DOOR_SHUT ?
                DOOR_SHUT :
                DOOR_OPEN;
}

static Door probe_restrict_address_families(void) {
        static const int families[] = { AF_INET, AF_INET6, AF_PACKET, AF_ALG };

        for (size_t i = 0; i < ELEMENTS(families); i++) {
                int fd = socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);

                if (fd >= 0 || errno != EAFNOSUPPORT) {
                        close_safe(fd);
                        return DOOR_OPEN;
                }
        }
        return DOOR_SHUT;
}

static Door probe_restrict_namespaces(void) {
        int status;
        pid_t pid = fork();

        if (pid == 0)
                _exit(unshare(CLONE_NEWUSER) < 0);
        return door(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static Door probe_restrict_realtime(void) {
        return door_of_call(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL));
}

static Door probe_restrict_suid_sgid(void) {
        char path[256];
        int fd, r;

        (void) snprintf(path, sizeof(path), "%s/suid", runtime_directory);
        fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0)
                return DOOR_ABSENT;
        r = fchmod(fd, 04755);
        close_safe(fd);
        (void) unlink(path);
        return door(r >= 0);
}

/* The 32-bit system calls, from this 64-bit program. */
static Door probe_system_call_architectures(void) {
#ifdef __x86_64__
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                long r = 20; /* getpid */

                __asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
                _exit(r <= 0);
        }
        if (waitpid(pid, &status, 0) != pid || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV))
                return DOOR_ABSENT;
        return door(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#else
        return DOOR_ABSENT;
#endif
}

/* One of another set than @system-service, of @privileged, and of @resources. */
static Door probe_system_call_filter(void) {
        if (door_of_call(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL)) == DOOR_OPEN)
                return DOOR_OPEN;
        if (door_of_call(syscall(SYS_fchown, -1, 0, 0)) == DOOR_OPEN)
                return DOOR_OPEN;
        return door_of_call(setpriority(PRIO_PROCESS, 0, 0));
}

/* Shut: the filter says EPERM, and doesn't kill. */
static Door probe_system_call_error_number(void) {
        int status;
        pid_t pid = fork();

        if (pid == 0)
                _exit(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL) >= 0 || errno != EPERM);
        return door(waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

static const struct {
        const char *directive;
        Door (*probe)(void);
} probes[] = {
        { "CapabilityBoundingSet",   probe_capability_bounding_set   },
        { "DevicePolicy",            probe_device_policy             },
        { "IPAddressDeny",           probe_ip_address_deny           },
        { "LimitCORE",               probe_limit_core                },
        { "LockPersonality",         probe_lock_personality          },
        { "MemoryDenyWriteExecute",  probe_memory_deny_write_execute },
        { "NoExecPaths",             probe_no_exec_paths             },
        { "NoNewPrivileges",         probe_no_new_privileges         },
        { "PrivateDevices",          probe_private_devices           },
        { "PrivateIPC",              probe_private_ipc               },
        { "PrivateMounts",           probe_private_mounts            },
        { "PrivateTmp",              probe_private_tmp               },
        { "ProtectClock",            probe_protect_clock             },
        { "ProtectControlGroups",    probe_protect_control_groups    },
        { "ProtectHome",             probe_protect_home              },
        { "ProtectKernelLogs",       probe_protect_kernel_logs       },
        { "ProtectKernelModules",    probe_protect_kernel_modules    },
        { "ProtectKernelTunables",   probe_protect_kernel_tunables   },
        { "ProtectProc",             probe_protect_proc              },
        { "ProtectSystem",           probe_protect_system            },
        { "RestrictAddressFamilies", probe_restrict_address_families },
        { "RestrictNamespaces",      probe_restrict_namespaces       },
        { "RestrictRealtime",        probe_restrict_realtime         },
        { "RestrictSUIDSGID",        probe_restrict_suid_sgid        },
        { "SystemCallArchitectures", probe_system_call_architectures },
        { "SystemCallErrorNumber",   probe_system_call_error_number  },
        { "SystemCallFilter",        probe_system_call_filter        },
};

int main(int argc, char **argv) {
        static const char *const words[] = {
                [DOOR_SHUT] = "shut",
                [DOOR_OPEN] = "open",
                [DOOR_ABSENT] = "absent",
        };
        char path[256];
        FILE *f;

        /* ExecStopPost= comes here, too. */
        if (argc > 1)
                return EXIT_SUCCESS;

        runtime_directory = getenv("RUNTIME_DIRECTORY");
        if (!runtime_directory)
                return EXIT_FAILURE;
        (void) snprintf(path, sizeof(path), "%s/probe", runtime_directory);
        f = fopen(path, "we");
        if (!f)
                return EXIT_FAILURE;
        setvbuf(f, NULL, _IOLBF, 0); /* a child must find nothing to flush */

        for (size_t i = 0; i < ELEMENTS(probes); i++)
                (void) fprintf(f, "%s %s\n", probes[i].directive, words[probes[i].probe()]);

        (void) sd_notify(0, "READY=1");
        return fclose(f) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
