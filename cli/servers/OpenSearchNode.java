import java.nio.file.Path;
import java.util.List;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of OpenSearch on loopback, out of jars alone: its own start wants the layout of its archive, and refuses root.
 * Arguments: folder, port for HTTP, port for other nodes (there are none, but it listens).
 */
public final class OpenSearchNode {
    private static final List<Class<? extends Plugin>> PLUGINS =
        List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class, MapperExtrasPlugin.class);

    /** The constructor that takes plugins from the class path is for subclasses. */
    private static final class OwnNode extends Node {
        OwnNode(Environment environment) {
            super(environment, PLUGINS, false);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        System.setProperty("opensearch.path.conf", home.toString());
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("path.data", home.resolve("data"))
            .put("path.logs", home.resolve("logs"))
            .put("cluster.name", "stoa")
            .put("node.name", "opensearch")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[1])
            .put("transport.port", arguments[2])
            // A disk that others filled would make every index read-only.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            // Nobody deletes all indices by one star, and a misspelt one is not made by the first document.
            .put("action.destructive_requires_name", true)
            .put("action.auto_create_index", false)
            .build();
        Node node = new OwnNode(new Environment(settings, home.resolve("config")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
