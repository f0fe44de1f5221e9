#include <zlib.h>

/* inflateInit2 is a macro, which Swift can't see. windowBits 47 accepts zlib and gzip headers. */
static inline int czlib_inflate_init(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
