// The bodies of Asio and Beast, compiled once for everybody who links the network target.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
