"""Pages for citizens, agencies, coordinators and the situation room: a client of the public interface, as any other."""
