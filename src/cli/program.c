/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program's file: ELF headers and "#!" lines.
 */

#include "cli/program.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "util/util.h"

#define CHUNK_SIZE 65536U

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ELF_ORDER ELFDATA2LSB
#else
#define ELF_ORDER ELFDATA2MSB
#endif

/* A program header, of either class. */
typedef struct Segment {
        uint32_t type;
        uint64_t offset, size;
} Segment;

/* Reads size bytes at offset.  Returns 0, or a negative errno: -ENOEXEC if the file is shorter. */
static int read_at(int fd, uint64_t offset, void *buffer, size_t size) {
        ssize_t n;

        if (offset > INT64_MAX)
                return -ENOEXEC;
        n = pread(fd, buffer, size, (off_t) offset);
        return n < 0 ? -errno : (size_t) n < size ? -ENOEXEC : 0;
}

/* ---- segments ---- */

static int read_segment_32(int fd, uint64_t offset, Segment *ret) {
        Elf32_Phdr p;
        int r;

        r = read_at(fd, offset, &p, sizeof(p));
        if (r >= 0)
                *ret = (Segment) { p.p_type, p.p_offset, p.p_filesz };
        return r;
}

static int read_segment_64(int fd, uint64_t offset, Segment *ret) {
        Elf64_Phdr p;
        int r;

        r = read_at(fd, offset, &p, sizeof(p));
        if (r >= 0)
                *ret = (Segment) { p.p_type, p.p_offset, p.p_filesz };
        return r;
}

/* Reads the loader's path, which ends with a NUL byte. */
static int read_interpreter(int fd, const Segment *s, Program *program) {
        size_t n = MIN2(s->size, sizeof(program->interpreter) - 1);
        int r;

        r = read_at(fd, s->offset, program->interpreter, n);
        if (r >= 0)
                program->interpreter[n] = '\0';
        return r;
}

/* Looks for the note that Go writes. */
static int read_note(int fd, const Segment *s, Program *program) {
        static const char owner[4] = "Go\0";
        struct {
                Elf64_Nhdr header; /* the same in both classes */
                char owner[sizeof(owner)];
        } note;
        int r;

        if (s->size < sizeof(note))
                return 0;
        r = read_at(fd, s->offset, &note, sizeof(note));
        if (r >= 0 && note.header.n_namesz == sizeof(owner) && memcmp(note.owner, owner, sizeof(owner)) == 0)
                program->go = true;
        return r;
}

static int take_segment(int fd, const Segment *s, Program *program) {
        switch (s->type) {
        case PT_INTERP:
                return read_interpreter(fd, s, program);
        case PT_NOTE:
                return read_note(fd, s, program);
        default:
                return 0;
        }
}

/* ---- kinds ---- */

/* Whether the file's first bytes contain a text. */
static bool contains(int fd, const char *text) {
        _cleanup_(freep) char *chunk = malloc(CHUNK_SIZE);
        size_t overlap = strlen(text) - 1;

        for (uint64_t offset = 0; chunk && offset < PROGRAM_SCAN_MAX; offset += CHUNK_SIZE - overlap) {
                ssize_t n = pread(fd, chunk, CHUNK_SIZE, (off_t) offset);

                if (n <= (ssize_t) overlap)
                        return false;
                if (memmem(chunk, (size_t) n, text, strlen(text)))
                        return true;
        }
        return false;
}

static ProgramKind judge(int fd, const Program *program) {
        const char *slash = strrchr(program->interpreter, '/'),
                   *loader = slash ? slash + 1 : program->interpreter;

        if (strncmp(loader, "ld-musl-", strlen("ld-musl-")) == 0)
                return PROGRAM_MUSL;
        if (strncmp(loader, "ld-linux", strlen("ld-linux")) == 0 ||
                        strncmp(loader, "ld64.so", strlen("ld64.so")) == 0 ||
                        strncmp(loader, "ld.so", strlen("ld.so")) == 0)
                return PROGRAM_GLIBC;
        if (loader[0] != '\0')
                return PROGRAM_OTHER;
        return !program->go && contains(fd, "libnss_") ? PROGRAM_STATIC_GLIBC : PROGRAM_STATIC;
}

/* Reads the offset and the number of program headers. */
static int read_header(int fd, Program *program, uint64_t *ret_offset, unsigned *ret_n) {
        union {
                unsigned char ident[EI_NIDENT];
                Elf32_Ehdr of32;
                Elf64_Ehdr of64;
        } h = { 0 };
        int r;

        r = read_at(fd, 0, h.ident, EI_NIDENT);
        if (r < 0)
                return r;
        if (h.ident[EI_DATA] != ELF_ORDER)
                return -ENOEXEC;
        program->class = h.ident[EI_CLASS];
        r = program->class == ELFCLASS64 ? read_at(fd, 0, &h, sizeof(h.of64)) :
            program->class == ELFCLASS32 ? read_at(fd, 0, &h, sizeof(h.of32)) :
                                           -ENOEXEC;
        if (r < 0)
                return r;
        program->machine = h.of64.e_machine; /* at the same offset in both */
        *ret_offset = program->class == ELFCLASS64 ? h.of64.e_phoff : h.of32.e_phoff;
        *ret_n = program->class == ELFCLASS64 ? h.of64.e_phnum : h.of32.e_phnum;
        /* In bytes that ELF leaves free. */
        if (memcmp(h.ident + EI_ABIVERSION, "AI\2", 3) == 0)
                program->kind = PROGRAM_APPIMAGE;
        return 0;
}

static int read_elf(int fd, Program *program) {
        uint64_t offset;
        unsigned n;
        int r;

        r = read_header(fd, program, &offset, &n);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < MIN2(n, PROGRAM_SEGMENTS_MAX); i++) {
                Segment s;

                r = program->class == ELFCLASS64 ? read_segment_64(fd, offset + i * sizeof(Elf64_Phdr), &s) :
                                                   read_segment_32(fd, offset + i * sizeof(Elf32_Phdr), &s);
                if (r >= 0)
                        r = take_segment(fd, &s, program);
                if (r < 0)
                        return r;
        }
        if (program->kind != PROGRAM_APPIMAGE)
                program->kind = judge(fd, program);
        return 0;
}

static int read_script(int fd, Program *program) {
        ssize_t n;

        n = pread(fd, program->interpreter, sizeof(program->interpreter) - 1, strlen("#!"));
        if (n < 0)
                return -errno;
        program->interpreter[n] = '\0';
        program->interpreter[strcspn(program->interpreter, "\n")] = '\0';
        program->kind = PROGRAM_SCRIPT;
        return 0;
}

int program_read(int fd, Program *ret) {
        Program program = { 0 };
        char magic[SELFMAG];
        int r;

        r = read_at(fd, 0, magic, sizeof(magic));
        if (r < 0)
                return r;
        if (memcmp(magic, ELFMAG, SELFMAG) == 0)
                r = read_elf(fd, &program);
        else
                r = memcmp(magic, "#!", 2) == 0 ? read_script(fd, &program) : -ENOEXEC;
        if (r >= 0)
                *ret = program;
        return r;
}

bool program_is_alike(const Program *a, const Program *b) {
        return a->class == b->class && a->machine == b->machine;
}
