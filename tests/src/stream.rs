//! Streams of tests that are written to as any `Write` is, also in the asynchronous world.

/// Writes to a type asynchronously as it is written to otherwise: at once.
#[macro_export]
macro_rules! writes_at_once {
    ($stream:ty) => {
        impl ::tokio::io::AsyncWrite for $stream {
            fn poll_write(
                mut self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                ::std::task::Poll::Ready(::std::io::Write::write(&mut *self, buf))
            }

            fn poll_flush(
                mut self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                ::std::task::Poll::Ready(::std::io::Write::flush(&mut *self))
            }

            fn poll_shutdown(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                ::std::task::Poll::Ready(Ok(()))
            }
        }
    };
}
